"""`obscode presets`."""

from __future__ import annotations

import click

from obscode.cli import terminal


@click.command()
@click.argument("name", default="")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The form of the output.",
)
def presets(name: str, form: str) -> None:
    """List the presets and the programs that they monitor.

    Prints each program with the version whose metrics the preset reads, the call, and the source of the metrics; then
    the presets for any service, such as batch_job and canary. With the NAME of a preset or of a program it
    prints an example, the arguments and the catalog of metrics.

    \b
    Example: obscode presets
             obscode presets vllm
    """
    from obscode.scaffold import preset_list

    exporters = preset_list.listed(name)
    if form == "json":
        click.echo(preset_list.json_text(exporters))
        return
    terminal.print_table(preset_list.overview(exporters))
    if not name:
        return
    click.echo(f"\n{preset_list.example(exporters[0])}\n")
    for preset in dict.fromkeys(exporter.preset for exporter in exporters):
        terminal.print_table(preset_list.arguments(preset))
    for exporter in (each for each in exporters if each.catalog):
        click.echo(f"\n{exporter.program} {exporter.version}:")
        terminal.print_table(preset_list.catalog(exporter))
