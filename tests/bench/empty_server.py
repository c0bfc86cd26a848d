"""An empty Streamlit page under the settings of the product: what every page is compared with."""

from __future__ import annotations

from pathlib import Path

from streamlit.starlette import App

from server import lifespan, serve

serve(lambda: App(Path(__file__).with_name("empty_page.py"), lifespan=lifespan))
