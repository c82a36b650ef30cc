"""``n1codec hdf5``: the plugin for programs that use HDF5."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="The plugin with which h5dump, h5repack, MATLAB and others read n1 in HDF5.", no_args_is_help=True
)


@app.command()
def path() -> None:
    """Print the folder of the plugin: export HDF5_PLUGIN_PATH=$(n1codec hdf5 path)."""
    from n1codec.integrations import hdf5_plugin

    print(hdf5_plugin.path())


@app.command("id")
def id_() -> None:
    """Print the number of the filter, by which files and h5repack's UD=... name it."""
    from n1codec.integrations import hdf5_plugin

    print(hdf5_plugin.FILTER_ID)
