"""Alertmanager configurations as Python: a `configs.Alertmanager` with its routes, receivers and inhibition rules."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.findings.errors import DefinitionError
from obscode.findings.finding import Finding
from obscode.importers.codes import NO_COUNTERPART
from obscode.importers.existing.comments import Comments
from obscode.importers.existing.module import Names, Part, SourceFile
from obscode.importers.existing.node_values import entries_of, oldest_version
from obscode.importers.existing.python_source import Call, Item, list_of, statement
from obscode.model.compatibility import ALERTMANAGER
from obscode.reader.yaml_nodes import YamlNode

_ROUTE = ("group_by", "group_wait", "group_interval", "repeat_interval")
_OF_ROUTE = (*_ROUTE, "receiver", "match", "match_re", "matchers", "continue", "routes")
_PARTS = ("route", "receivers", "inhibit_rules")


def alertmanager_part(file: SourceFile, names: Names) -> Part | None:
    """The Alertmanager configuration in a file; None if it has none. Raises DefinitionError for a second one."""
    statements = [_Writer(config, names).statement() for config in file.contents.alertmanager_configs]
    if statements and (first := names.first_alertmanager(file.name)):
        message = f"a second Alertmanager configuration; the first is in {first}"
        span = file.contents.alertmanager_configs[0].source.span()
        raise DefinitionError([Finding(NO_COUNTERPART, message, "import it into a folder of its own", span)])
    oldest = oldest_version(ALERTMANAGER, (config.source for config in file.contents.alertmanager_configs))
    return Part({"configs", "receivers"}, statements, project=oldest) if statements else None


class _Writer:
    """Writes one configuration."""

    def __init__(self, config: AlertmanagerConfig, names: Names) -> None:
        assert isinstance(config.source, YamlNode)
        self.config, self.node, self.names = config, config.source, names
        self.comments = Comments(config.source)

    def statement(self) -> str:
        """The statement that defines the configuration."""
        config, node = self.config, self.node
        above = self.comments.before(node.place.line)
        items = [Item(self._route(config.route), "", self._above("route"))]
        if config.receivers:
            items.append(self._list("receivers", [self._receiver(each) for each in config.receivers]))
        if config.inhibit_rules:
            items.append(self._list("inhibit_rules", [self._inhibit_rule(each) for each in config.inhibit_rules]))
        if node.entries.keys() - {*_PARTS}:
            items.append(Item(entries_of(node, self.comments, *_PARTS), "settings="))
        call = Call("configs.Alertmanager", items, is_open=True, comments=self.comments.rest())
        return statement(self.names.new("alertmanager", "alertmanager"), call, above)

    def _above(self, key: str) -> list[str]:
        return self.comments.take(self.node.entries[key].key.line) if key in self.node.entries else []

    def _list(self, key: str, items: list[Item]) -> Item:
        return Item(list_of(items, is_open=True), f"{key}=", self._above(key))

    def _route(self, route: Route) -> Call:
        node = route.source
        assert isinstance(node, YamlNode)
        items = [*self._matching(route, node), *self._settings(node)]
        below = []
        for child in route.routes:
            assert isinstance(child.source, YamlNode)
            above = self.comments.take(child.source.place.line)
            below.append(Item(self._route(child), "", above))
        if below:
            above = self.comments.take(node.entries["routes"].key.line)
            items.append(Item(list_of(below, is_open=True), "routes=", above))
        return Call("configs.Route", items, comments=self.comments.within(node, node.last_line + 1))

    def _matching(self, route: Route, node: YamlNode) -> Iterator[Item]:
        if route.receiver:
            yield Item(route.receiver, "", self._key(node, "receiver"))
        if route.matchers:
            comments = [text for key in ("match", "match_re", "matchers") for text in self._key(node, key)]
            yield Item(list(route.matchers), "matchers=", comments)
        if route.settings.get("continue"):
            yield Item(True, "continue_=", self._key(node, "continue"))
        for key in _ROUTE:
            if value := getattr(route, key):
                yield Item(value, f"{key}=", self._key(node, key))

    def _settings(self, node: YamlNode) -> Iterator[Item]:
        if node.entries.keys() - {*_OF_ROUTE}:
            yield Item(entries_of(node, self.comments, *_OF_ROUTE), "settings=")

    def _key(self, node: YamlNode, key: str) -> list[str]:
        return self.comments.take(node.entries[key].key.line) if key in node.entries else []

    def _receiver(self, receiver: Receiver) -> Item:
        node = receiver.source
        assert isinstance(node, YamlNode)
        above = self.comments.take(node.place.line)
        items = [Item(receiver.name, "", self._key(node, "name"))]
        if node.entries.keys() - {"name", "labels"}:
            items.append(Item(entries_of(node, self.comments, "name", "labels")))
        if receiver.labels:
            items.append(Item(dict(receiver.labels), "labels=", self._key(node, "labels")))
        return Item(Call("receivers.Raw", items), "", above)

    def _inhibit_rule(self, rule: InhibitRule) -> Item:
        node = rule.source
        assert isinstance(node, YamlNode)
        above = self.comments.take(node.place.line)
        if name := node.text("name"):
            above.append(f"name: {name}")
        items = [Item(list(rule.source_matchers)), Item(list(rule.target_matchers))]
        if rule.equal:
            items.append(Item(list(rule.equal), "equal="))
        return Item(Call("configs.InhibitRule", items), "", [*above, *self.comments.within(node, node.last_line + 1)])
