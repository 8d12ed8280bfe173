"""Example questions, made from the documents' own words without a model."""

from app.answering.examples.select import EXAMPLES, Example, example_questions

__all__ = ["EXAMPLES", "Example", "example_questions"]
