"""XIDs, the errors of NVIDIA's driver: what each one means, and who has to act.

Classes by the immediate action of https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html, which is for
A100 and later.
"""

from __future__ import annotations

from collections.abc import Mapping

CATALOG = "https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html"

#: The GPU has to be reset, or the machine to be restarted: nothing that runs there can go on.
HARDWARE: Mapping[int, str] = {
    46: "the GPU stopped processing; reset it",
    48: "uncorrectable (double bit) ECC error; reset the GPU",
    54: "auxiliary power is not connected; check the cables",
    62: "an internal microcontroller halted; reset the GPU",
    64: "a row of memory could not be remapped; reset the GPU, and replace it if that repeats",
    74: "NVLink error, of this GPU or of the other end; reset the GPUs",
    79: "the GPU has fallen off the bus; restart the machine",
    95: "uncontained memory error: all its jobs are affected; reset the GPU",
    109: "timeout of a context switch; reset the GPU",
    110: "security fault; reset the GPU",
    119: "timeout of the GPU's system processor (GSP); reset the GPU",
    120: "error of the GPU's system processor (GSP); reset the GPU",
    136: "training of an NVLink failed; reset the GPU",
    140: "ECC error that was not recovered; reset the GPU",
    143: "initialisation of the GPU failed; reset it",
    154: "a recovery action is necessary, which the kernel's log names: drain, reset or restart",
    156: "a part of the GPU was retired; reset the GPU",
    158: "fatal timeout; reset the GPU",
    167: "fatal timeout of PCIe; restart the machine",
    169: "an internal microcontroller (SEC2) halted; reset the GPU",
    171: "uncorrectable error of DRAM, beside XID 48; reset the GPU",
    172: "uncorrectable error of SRAM, beside XID 48; reset the GPU",
}
#: The job itself failed; the GPU is healthy.
APPLICATION: Mapping[int, str] = {
    11: "invalid commands of the application",
    13: "exception of a kernel, mostly an access beyond the end of an array",
    25: "invalid commands of the application",
    31: "page fault: the application read or wrote an invalid address",
    43: "the application had a fault and was stopped",
    69: "invalid commands of the application (class error)",
    80: "invalid commands of the application (checksum)",
    137: "the application read or wrote an invalid address over NVLink",
}
#: Worth a look in working hours; every XID that is not listed elsewhere counts as one of these.
WATCH: Mapping[int, str] = {
    32: "corrupt commands, mostly from a bad PCIe connection",
    63: "a row of memory will be remapped; it takes effect when the GPU is reset",
    92: "many corrected (single bit) ECC errors",
    94: "contained memory error: one job failed; reset the GPU when convenient",
    121: "corrected errors of the connection to the CPU",
    157: "a part of the GPU could not be retired",
    168: "less memory than usual",
}
#: No reason to act: 45 also appears if somebody stops a job, 14, 106 and 107 are tests.
IGNORED = (14, 45, 106, 107)


def meaning(xids: Mapping[int, str]) -> str:
    """A template with the meaning of the XID of an alert."""
    first, *others = (f'if eq $labels.xid "{code}" }}}}{text}' for code, text in xids.items())
    chain = "".join(f"{{{{ else {each}" for each in others)
    return f"{{{{ {first}{chain}{{{{ else }}}}NVIDIA's catalog of XIDs has the meaning{{{{ end }}}}"


def alternatives(*codes: int) -> str:
    """A regular expression of XIDs."""
    return "|".join(map(str, codes))
