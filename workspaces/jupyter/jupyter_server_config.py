"""JupyterLab as Bottega runs it: reached only through the front door, which brings the token and checks the origin."""

import os

c = get_config()  # noqa: F821 -- Jupyter puts it here

# the front door brings the token with each request: neither a page nor a kernel needs to know it
c.IdentityProvider.token = os.environ.pop("JUPYTER_TOKEN", "")
c.ServerApp.tornado_settings = {"page_config_hook": lambda _handler, page: {**page, "token": ""}}
c.ServerApp.ip = "0.0.0.0"  # noqa: S104 -- inside a network of its own
c.ServerApp.port = int(os.environ.get("NOTEBOOK_PORT", "8888"))
c.ServerApp.port_retries = 0
c.ServerApp.base_url = os.environ.get("NOTEBOOK_BASE_URL", "/")
c.ServerApp.root_dir = os.environ["HOME"]
c.ServerApp.open_browser = False
c.ServerApp.allow_remote_access = True  # the front door has asked Bottega whose host name it is
c.ServerApp.quit_button = False  # notebooks are stopped from their page
c.ServerApp.shutdown_no_activity_timeout = 0  # Bottega stops the idle: it warns first
c.ServerApp.websocket_ping_interval = 30_000
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}
c.ServerApp.contents_manager_class = "jupyter_server.services.contents.largefilemanager.AsyncLargeFileManager"
c.FileContentsManager.delete_to_trash = False  # a recycle bin would fill the volume unseen
c.MappingKernelManager.cull_idle_timeout = 0

# no call leaves the house: no news, no question for updates, no list of extensions from PyPI
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.collaborative = False

# language servers are not in the image: do not look for nineteen of them at each start
c.ServerApp.jpserver_extensions = {"jupyter_lsp": False}
