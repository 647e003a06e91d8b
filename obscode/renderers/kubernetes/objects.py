"""The objects of the targets `targets.Kubernetes`, and the list of them for Kustomize."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.files import File
from obscode.artifacts.project import Artifacts
from obscode.compiler.kubernetes.objects import kubernetes_targets, objects
from obscode.renderers.yaml_text import document


def render(artifacts: Artifacts) -> Iterator[File]:
    """The objects of each target, in its folder."""
    for target in kubernetes_targets(artifacts):
        paths = []
        for each in objects(artifacts, target):
            paths.append(each.path)
            yield File(f"{target.folder}/{each.path}", document(each.content, artifacts.sources(each.source)))
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": sorted(paths),
        }
        yield File(f"{target.folder}/kustomization.yaml", document(kustomization, artifacts.sources(target)))
