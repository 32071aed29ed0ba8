"""The way between a notebook and its kernel, without waiting for company: each message is sent when it is there.

A server otherwise holds a small message back until the browser has acknowledged the one before it, which browsers do
after 40 ms, and a moved slider is several small messages.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own connection, with TCP told to send at once."""

    def connect(self) -> Any:
        """Connect to the kernel, as Jupyter does."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
