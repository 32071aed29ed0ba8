"""The way between a notebook and its kernel: each message is sent when it is there, and a closed page can say so.

A server otherwise holds a small message back until the browser has acknowledged the one before it, which browsers do
after 40 ms, and a moved slider is several small messages.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own connection, with TCP told to send at once and the browser given what ends its kernel."""

    async def prepare(self) -> None:
        """Make ready to connect, as Jupyter does, and give the browser the cookie that guards against forged requests.

        A page of Voilà tells the server when it is closed, is refused without that cookie, and no page of Voilà sets
        it: the kernel of each closed page would stay.
        """
        self.websocket_handler.xsrf_token  # noqa: B018  asking for it sets the cookie
        await super().prepare()  # type: ignore[no-untyped-call]

    def connect(self) -> Any:
        """Connect to the kernel, as Jupyter does."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
