"""Words of metric names that other words resemble: a name that differs in them is another metric, not a typo.

The list has short words and words with a neighbour within two letters. A longer word that is missing here counts as one
if another known name contains it.
"""

from __future__ import annotations

_SHORT = """
    abs ack acl add age agg all alt any api app arp asn asp at aux avg aws az bad bg bin bit bpf bpm bps bus bw by
    cap cdc cds cfg cgo cid cls cmd cms cni cow cpu crc cri csi csr css ctx cur cx dag day db dbs dc dec def del dev
    df dg dhcp diff dim dir disk dma dn dns doc dom dpu dst ebs ec ecc ecn edr eds efs egp elb en end env eof epc
    err est eth etl eu ev evt ext fan fd fds fe fec fee fg fib fid fin fix fk flo fn fp fpm fps free fs ftp gb gbps
    gc gcp gen get gid gke go gp gpu gql gre grp gw ha has hb hc hdd hdr hit hll hot hour hpa hr hw ib icmp id idx
    if igp in inc ind ini ino int io iops ip ipc iq iqn irq is isr iter its jit jmx job jobs js json jvm kb key kms
    kv l2 lag lan last lat lb lds led len lhs lib lid link lip lmd ln lo load log loop low lr lru lsm lsn lun lvm
    lww mac map max mb mbps mbr mcs md mds mem met mgr mib mid mil min mint miss mix mm mmu mode mon mq ms msg mss
    mtu mux mw nat new nfs ni nic nil nlb nm no node nop not nr ns nsx ntp num numa nvm nvme obj oem off oid ok old
    olt on one onu oom op ops opt or os osd out own p2p pad page par pct pdb peer pem per pg pgp phy pid pin ping
    pki pod pods pol pool pop port pos pps pr prb pre proc prod psi psu ptp pub pull push put pv pvc qos qps que ram
    rank rate raw rbd rc rd rdb rdp rds read rec ref reg rej rel rep req res ret rev rgw rhs rib rif rip rm ro row
    rows rpc rpm rps rq rsp rss rst rtp rtt rule run rw rx sac sas sbr sctp sdk sds sec sed seg sem sent seq set sfp
    sha shm sid sig sip size sk sla slo slot smb sms smtp snat sni sort spf spi sps sql src ss ssd sse ssh ssl ssm
    st stat std stp str sub sum svc svm swap syn sync sys tab tag tail tap task tb tcp tds temp text tid time tls
    tmo tmp tn toc top tpm tps trap ttl tun tup tx txn type ua ucs udp ui uid ulp unit up upd ups uri url us usb use
    user usr uss utc util uuid vac val var vc vdi ver vf vfs vhd vid view vip vlan vm vmem vms vol vpa vpc vpn vrf
    vs vsz vxlan wal wan warm web wlan wmi wr ws xds xfr xid xml xmt xor zfs zk zone zpool a b c d e f g h i j k l m
    n o p q r s t u v w x y z
"""
_WITH_NEIGHBOURS = """
    abort aborted accept accepted access active addr admit alarm alert alive alloc append applied apply assigned
    attach audit auth avail back backed balance band bank base batch bcast block blocked book born bound branch
    break broker bucket buffer build bulk burst busy bytes cache cached call called cancel case cast catch cert
    chain chance change chunk claim class clean clear click client clock clone close closed code cold color column
    command commit compact compress config conn connect connected consume copy core corrupt cost count counter cover
    crash create created current cursor cycle data date deal death debug decode deep default defer delay delete
    deleted delivered depth detach detect device direct dirty disabled dispatch domain done down downstream drain
    drift drive driver drop dropped dump duration echo edge egress elapsed elect empty enabled encode engine enqueue
    entry error event evict exec exit expire expired export exported fail failed failure fast fatal fault fetch
    fetched field file fill filter final fire fired first fixed flag flow flush flushed fork form found frame freed
    freeze fresh front full gain gate gauge global grant group growth guest half halt hang hash head health heap
    height held hidden high hits hold hook hop host hosts hung idle image import imported inbound index info ingest
    ingress init inode input insert install instance intent interval invalid issue item items join keep kernel kill
    killed label lane large late latency layer lead leader leaf learner lease leave left length level light limit
    line linear list listen live local lock locked login logout long lookup lost lower lwlock main major make
    manager mark mask master match mcast mean media member memory merge message method metric minor minute mirror
    missed mixed model month mount move moved multi name near need nice none normal notify null object offline
    offset online open opened order other outbound outer output over owner pack packet pair panic parent part
    partition pass passed passive patch path pause paused peak pend pending phase pick ping plan play plus point
    poll post power prefix present press price prime print process produce promise prune quality query queue queued
    quota race rack raise random range rated ratio ready real recall receive received record redirect redo refresh
    refused region register reject rejected release reload remote remove removed repair repeat replay replica reply
    report request reserve reset resize resolve resource response rest restart restore result retain retry return
    revoke right ring rise role roll root round route rows running safe sample save saved scale scan scanned score
    scrape seal search seek select self send sender serve served server service session shard share shared shed
    shift ship short shut side sign signal silent since single sink site skip skipped slave sleep slice slow small
    snap socket soft source space spare spawn spec speed spill spin split spool stack stage stale stall start
    started state steal step stop stopped storage store stored stream strict strong submit success suspend switch
    symbol system table taken target test third thread throttle tick tier timed timeout token total touch trace
    track traffic transmit tree trigger trim trip true trust tune turn under undo unique upper upstream used user
    valid value vault vector verify virtual visit volume vote wait waiting wake warn waste watch watched weak week
    weight wide width window wired word work worker write writer writing written wrong year yield young
"""
METRIC_WORDS = frozenset((_SHORT + _WITH_NEIGHBOURS).split())
