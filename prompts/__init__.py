"""The prompts, one Markdown/Jinja file per task and language; `app.answering.prompts` reads them."""
