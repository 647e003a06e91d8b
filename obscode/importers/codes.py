"""The codes of findings in documents of other tools."""

from obscode.findings.code import Code

DOCUMENT = Code(
    "import-document",
    "An importer reads documents of its own format.",
    why="the formats resemble each other; a file without a document of the format declares no SLO.",
)
FILE = Code("import-file", "The files of an importer exist and can be read.")
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
    "A query contains no template except {{.window}}, and an alert's text only templates that obscode can fill in.",
    why="Sloth and OpenSLO fill in other values than obscode does.",
)
LABEL_NAME = Code(
    "import-label-name",
    "Labels of a document differ from the labels that obscode sets on rules and alerts.",
    why="alerts are routed and inhibited by those labels. `load(..., rename={...})` renames a label.",
)
RENAME = Code("import-rename", "`rename=` names labels that the documents have.")
LABELS = Code("import-labels", "Objects of one SLO agree on each label.")
ANNOTATIONS = Code("import-annotations", "Objects of one SLO agree on each annotation.")
DUPLICATE_OBJECT = Code("import-duplicate-object", "Objects of one kind have different names.")
REFERENCE = Code("import-reference", "An object that a document refers to is in the files that are loaded.")
OBJECTIVE = Code("import-objective", "An objective is above 0 and leaves an error budget.")
DURATION = Code("import-duration", "A duration of a document is one that Prometheus can express.")
