"""Steps of relabeling: the namespace `obscode.relabel`, with one constructor for each action of Prometheus."""

from obscode.model.relabel.compare import Drop as Drop
from obscode.model.relabel.compare import DropEqual as DropEqual
from obscode.model.relabel.compare import Keep as Keep
from obscode.model.relabel.compare import KeepEqual as KeepEqual
from obscode.model.relabel.names import LabelDrop as LabelDrop
from obscode.model.relabel.names import LabelKeep as LabelKeep
from obscode.model.relabel.names import LabelMap as LabelMap
from obscode.model.relabel.step import Step as Step
from obscode.model.relabel.values import HashMod as HashMod
from obscode.model.relabel.values import Lowercase as Lowercase
from obscode.model.relabel.values import Replace as Replace
from obscode.model.relabel.values import Uppercase as Uppercase
