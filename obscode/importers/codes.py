"""The codes of findings in documents of other tools."""

from obscode.findings.code import Code

DOCUMENT = Code(
    "import-document",
    "An importer reads documents of its own format.",
    why="the formats resemble each other; a file without a document of the format declares no SLO.",
)
FILE = Code(
    "import-file",
    "The files of an importer exist and can be read.",
    why="a relative path starts at the folder of the Python file that calls the importer.",
    bad='sloth.load("slo")  # the folder is slos',
    good='sloth.load("slos")',
)
NO_COUNTERPART = Code(
    "import-no-counterpart",
    "A document uses only features that obscode has, too.",
    why="a feature that is dropped without an error changes what the SLO means.",
)
QUERY = Code(
    "import-query",
    "The queries of an SLO have the same meaning for any window.",
    why="obscode counts events in short windows and adds the counts up. A query such as a quantile does not add up.",
)
TEMPLATE = Code(
    "import-template",
    "A query contains no template except {{.window}}, and an alert's text only templates that print a label.",
    why="""other templates can query Prometheus, or print a value that differs from Sloth's.
`load(..., allow_templates=True)` keeps them in labels and annotations.""",
    bad='summary: "{{ $value | humanizePercentage }} of requests fail"',
    good='summary: "requests of {{ $labels.region }} fail"',
)
LABEL_NAME = Code(
    "import-label-name",
    "Labels of a document differ from the labels that obscode sets on rules and alerts.",
    why="alerts are routed and inhibited by those labels. `load(..., rename={...})` renames a label.",
)
RENAME = Code(
    "import-rename",
    "`rename=` names labels that at least one of the documents has.",
    why="an entry with a typo would rename nothing.",
    bad='sloth.load("slos", rename={"severty": "priority"})',
    good='sloth.load("slos", rename={"severity": "priority"})',
)
LABELS = Code(
    "import-labels",
    "Objects of one SLO agree on each label.",
    why="an alert has the labels of its SLO, alert policy and condition; with two values, one would be lost.",
)
ANNOTATIONS = Code(
    "import-annotations",
    "Objects of one SLO agree on each annotation.",
    why="an alert has the annotations of its SLO, alert policy and condition; with two values, one would be lost.",
)
DUPLICATE_OBJECT = Code(
    "import-duplicate-object",
    "Objects of one kind have different names.",
    why="other objects refer to an object by its kind and name.",
)
REFERENCE = Code(
    "import-reference",
    "An object that a document refers to is in the files that are loaded.",
    why="without it, a part of the SLO is missing. Load the folder that contains all files.",
    bad='openslo.load("slos/checkout.yml")  # its SLI is in slos/indicators.yml',
    good='openslo.load("slos")',
)
OBJECTIVE = Code(
    "import-objective",
    "An objective is above 0 and leaves an error budget.",
    why="the factor of a burn-rate alert multiplies the error budget; without a budget, each error pages.",
    bad="target: 1.0",
    good="target: 0.999",
)
DURATION = Code(
    "import-duration",
    "A duration of a document is one that Prometheus can express.",
    why="months, quarters and years have different lengths; a rolling window has one length.",
    bad="duration: 1M",
    good="duration: 30d",
)
