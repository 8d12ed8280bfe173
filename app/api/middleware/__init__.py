"""What every request passes on its way in, the outermost first: see `app.api.app`."""
