"""Where targets are discovered: the namespace `obscode.discovery`. A new kind is one file and one line here.

`discovery.Raw`, and plain data as `discovery={"azure_sd_configs": [...]}`, is for kinds that obscode lacks.
"""

from obscode.model.discovery.base import Discovery as Discovery
from obscode.model.discovery.consul import Consul as Consul
from obscode.model.discovery.dns import DNS as DNS
from obscode.model.discovery.ec2 import EC2 as EC2
from obscode.model.discovery.file import File as File
from obscode.model.discovery.http import HTTP as HTTP
from obscode.model.discovery.kubernetes import Kubernetes as Kubernetes
from obscode.model.discovery.raw import Raw as Raw
from obscode.model.discovery.static import Static as Static
