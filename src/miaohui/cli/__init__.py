"""What may an operator do from a shell?

Commands are one visible list; the module of a command is imported when it is called, so that `miaohui --help` does not
load the server. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 nothing answered at the other end.
"""

from __future__ import annotations

from importlib import import_module

import click

from miaohui import __version__

COMMANDS = {
    "init": ("miaohui.cli.init:init", "Five questions, and a working configuration."),
    "serve": ("miaohui.cli.serve:serve", "Start the server (with --demo: the sample shop too)."),
    "worker": ("miaohui.cli.worker:worker", "Do the jobs beside the serving nodes (with --celery: for Celery)."),
    "chat": ("miaohui.cli.talk:converse", "Talk to a running server in the terminal."),
    "ask": ("miaohui.cli.talk:ask", "Ask one question and print the answer with its sources."),
    "kb": ("miaohui.cli.knowledge:kb", "Import, search and list knowledge."),
    "connectors": ("miaohui.cli.connectors:connectors", "Ways into a company's own systems."),
    "prices": ("miaohui.cli.connectors:prices", "Prices and offers to count by."),
    "engines": ("miaohui.cli.engines:engines", "Routes to engines: list, put, test, cost, watch."),
    "tenant": ("miaohui.cli.tenants:tenant", "Companies on this platform."),
    "person": ("miaohui.cli.people:person", "People who serve or administer."),
    "key": ("miaohui.cli.people:key", "API keys and their scopes."),
    "config": ("miaohui.cli.configuration:config", "Show and check the settings."),
    "migrate": ("miaohui.cli.serve:migrate", "Bring the database to this version's form."),
    "backup": ("miaohui.cli.backup:backup", "Write everything into one file."),
    "restore": ("miaohui.cli.backup:restore", "Put back what `backup` wrote."),
    "alerts": ("miaohui.cli.alerts:alerts", "See, silence and try alerts."),
    "audit": ("miaohui.cli.audit:audit", "Check and give out what was said and done."),
    "doctor": ("miaohui.cli.doctor:doctor", "Check this installation, and say how to mend it."),
    "health": ("miaohui.cli.tools:health", "Ask a running server whether it is ready."),
    "eval": ("miaohui.cli.evaluate:evaluate", "Measure answers on public data sets."),
    "bench": ("miaohui.cli.tools:bench", "Measure this machine."),
    "openapi": ("miaohui.cli.tools:openapi", "Print the OpenAPI document."),
    "version": ("miaohui.cli.tools:version", "Print the version."),
}


class Commands(click.Group):
    """Finds a command in the list above and imports it then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the list: the most used first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, or None for an unknown word."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the list, so that help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="miaohui")
def main() -> None:
    """Miaohui 秒回: AI customer service on your own server."""
