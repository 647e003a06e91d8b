"""Kubernetes objects, by group, kind, namespace and name.

The rules, dashboards and configurations in them are compared as such, wherever they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from obscode.artifacts.kubernetes import MONITORS, KubernetesObject
from obscode.artifacts.project import Artifacts
from obscode.diff.change import RISKS, Change, Edit, Risk
from obscode.diff.json_differences import frozen
from obscode.diff.objects.fields import CONTENT, object_edits
from obscode.diff.pairs import Pairs, pairs
from obscode.diff.sentences import counted, listed, sentence
from obscode.diff.shared_edits import take_shared
from obscode.reader.kubernetes.selection import SERVERS, namespaces_of, rejection

_MOST = 6  # edits in a sentence
_NAMED = 4
_LOST = (*MONITORS, "Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler")


def compare(before: Artifacts, after: Artifacts) -> Iterator[Change]:
    """The changes of Kubernetes objects."""
    old, new = before.objects, after.objects
    same = pairs(old, new, [_identity, lambda each: (each.kind, each.name, _content(each)), _same_content])
    selection = _Selection(old, new, same)
    edited: list[tuple[KubernetesObject, list[Edit]]] = []
    for a, b in same.both:
        edits = list(object_edits(a, b))
        if b.kind == "CustomResourceDefinition":
            yield from _schema(b, edits)
        effects, is_lost = selection.effects(a, b)
        if effects:
            yield _changed(b, edits, effects, is_lost)
        else:
            edited.append((b, edits))
    for objects, edits in take_shared(edited):
        yield _of_several(objects, edits)
    yield from (_changed(each, edits, (), False) for each, edits in edited if edits)
    for a in same.removed:
        if not _is_container(a):
            risk: Risk = "lost" if a.kind in _LOST else "changed"
            yield Change(a.kind, name_of(a), f"{title_of(a)} is removed.", risk, "removed", source=a.source)
    for b in same.added:
        if not _is_container(b):
            yield Change(b.kind, name_of(b), f"{title_of(b)} is added.", "stricter", "added", source=b.source)


def name_of(each: KubernetesObject) -> str:
    """`shop/api`; the name alone without a namespace."""
    return "/".join(filter(None, [each.namespace, each.name]))


def title_of(each: KubernetesObject) -> str:
    """`ServiceMonitor shop/api`."""
    return f"{each.kind} {name_of(each)}".rstrip()


def _identity(each: KubernetesObject) -> Hashable:
    return each.version.rpartition("/")[0], each.kind, each.namespace, each.name


def _content(each: KubernetesObject) -> str:
    return frozen([each.spec, each.rest])


def _same_content(each: KubernetesObject) -> Hashable:
    return (each.kind, each.namespace, _content(each)) if each.spec or each.rest else None


def _is_container(each: KubernetesObject) -> bool:
    """Whether everything in an object is compared as rules, dashboards or configurations."""
    fields = CONTENT.get(each.kind, ())
    if each.kind == "ConfigMap":
        return each.has_content and not each.rest.get("data")
    return any(each.spec.get(field) for field in fields)


def _schema(each: KubernetesObject, edits: list[Edit]) -> Iterator[Change]:
    """One change for the fields of the schema of a custom resource; they are removed from the edits."""
    fields = [edit for edit in edits if edit.what.startswith("versions")]
    edits[:] = [edit for edit in edits if edit not in fields]
    if fields:
        count = counted(len(fields), "field")
        text = f"{title_of(each)}: {count} of the schema differ{'s' if len(fields) == 1 else ''}."
        yield Change(each.kind, name_of(each), text, "changed", edits=fields, source=each.source)


def _changed(each: KubernetesObject, edits: Sequence[Edit], effects: Sequence[str], is_lost: bool) -> Change:
    order = list(RISKS)
    risk = "lost" if is_lost else min((edit.risk for edit in edits), key=order.index)
    text = sentence(title_of(each), edits)
    if len(edits) > _MOST:
        more = len(edits) - _MOST + 1
        text = f"{sentence(title_of(each), edits[: _MOST - 1]).rstrip('.')}, and {more} more fields differ."
    return Change(each.kind, name_of(each), text, risk, edits=edits, source=each.source, effects=effects)


def _of_several(objects: Sequence[KubernetesObject], edits: Sequence[Edit]) -> Change:
    kinds = list(dict.fromkeys(each.kind for each in objects))
    names = listed(map(name_of if len(kinds) == 1 else title_of, objects), _NAMED)
    noun = f"objects of kind {kinds[0]}" if len(kinds) == 1 else "objects"
    text = sentence(f"{len(objects)} {noun} ({names})", edits)
    order = list(RISKS)
    risk = min((edit.risk for edit in edits), key=order.index)
    return Change(kinds[0], names, text, risk, edits=edits, source=objects[0].source, count=len(objects))


class _Selection:
    """Which servers of the operator select which objects, before and after."""

    def __init__(
        self, before: Sequence[KubernetesObject], after: Sequence[KubernetesObject], same: Pairs[KubernetesObject]
    ) -> None:
        self.namespaces = namespaces_of(before), namespaces_of(after)
        kinds = {kind for servers, _ in SERVERS.values() for kind in servers}
        self.servers = [pair for pair in same.both if pair[1].kind in kinds]
        self.objects = [pair for pair in same.both if pair[1].kind in SERVERS]

    def effects(self, old: KubernetesObject, new: KubernetesObject) -> tuple[list[str], bool]:
        """Which servers no longer select an object, or which objects a server no longer selects."""
        if new.kind in SERVERS and old.labels != new.labels:
            changed = [(b, self._selected(pair, (old, new))) for pair in self.servers for b in pair[1:]]
            lost = [f"{title_of(server)} no longer selects it." for server, now in changed if now == (True, False)]
            gained = [f"{title_of(server)} selects it now." for server, now in changed if now == (False, True)]
            return [*lost, *gained], bool(lost)
        if (old, new) in self.servers and old.spec != new.spec:
            now = [(pair[1], self._selected((old, new), pair)) for pair in self.objects]
            lost_objects = [title_of(each) for each, state in now if state == (True, False)]
            texts = [f"It no longer selects {listed(lost_objects, _NAMED)}."] if lost_objects else []
            gained_objects = [title_of(each) for each, state in now if state == (False, True)]
            texts += [f"It selects {listed(gained_objects, _NAMED)} now."] if gained_objects else []
            return texts, bool(lost_objects)
        return [], False

    def _selected(
        self, server: tuple[KubernetesObject, KubernetesObject], each: tuple[KubernetesObject, KubernetesObject]
    ) -> tuple[bool, bool]:
        if server[1].kind not in SERVERS[each[1].kind][0]:
            return False, False
        before, after = (rejection(each[side], server[side], self.namespaces[side]) is None for side in (0, 1))
        return before, after
