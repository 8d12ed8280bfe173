"""`python -m training examples|train|average|figures|glosses`; see README.md beside this file."""

from pathlib import Path
from typing import Annotated

import typer

from app.models.e5_reader import build_e5_reader
from app.models.places import reader_folder
from app.settings import load_settings
from training.average import average
from training.examples import Mix, make, measuring_examples
from training.figures import by_kind, sample, score, table
from training.glosses import write_glosses
from training.train import Plan, train

app = typer.Typer(no_args_is_help=True, help=__doc__)
SHIPPED = Path(__file__).parent.parent / "app" / "models" / "reader" / "adapter.safetensors"
GLOSSES = Path(__file__).parent.parent / "app" / "text" / "glosses.json.xz"
DataOption = Annotated[
    Path, typer.Option("--data", help="Folder of data.json.xz and cedict.json.xz.")
]
XquadOption = Annotated[
    Path, typer.Option("--xquad", help="Folder of xquad.zh.json and xquad.en.json.")
]


@app.command()
def examples(
    data: DataOption,
    xquad: XquadOption,
    out: Annotated[Path, typer.Option(help="File to write, one JSON object a line.")],
    seed: int = 1,
    scale: Annotated[float, typer.Option(help="Times the usual number of questions.")] = 1.0,
    glossed: Annotated[
        float, typer.Option(help="Share of questions put into the other language word by word.")
    ] = 0.3,
    turns: Annotated[int, typer.Option(help="How often each question of XQuAD is taken.")] = 2,
    near: Annotated[int, typer.Option(help="Wrong passages of each sort for one of XQuAD.")] = 2,
    checks: Annotated[float, typer.Option(help="Share of the second task's pairs to keep.")] = 1.0,
    easy: Annotated[
        float, typer.Option(help="Share to keep of wrong pairs that any reader tells.")
    ] = 1.0,
) -> None:
    """Make examples from the data and from written documents."""
    print(make(data, xquad, out, seed, Mix(scale, glossed, turns, near, checks, easy)))


@app.command("train")
def train_(
    examples: Annotated[Path, typer.Option(help="What `examples` wrote.")],
    out: Annotated[
        Path, typer.Option(help="Folder for adapter.safetensors and the state to resume.")
    ],
    name: Annotated[str, typer.Option(help="The adapter's name; calibrations hold for it alone.")],
    start: Annotated[Path, typer.Option(help="The adapter to start from.")] = SHIPPED,
    fresh: Annotated[bool, typer.Option(help="Start from nothing instead: for a GPU.")] = False,
    seconds: float = 600.0,
    epochs: float = 1.0,
    rate: float = 5e-4,
    tokens: int = 4096,
    layers: int = 8,
    seed: int = 0,
) -> None:
    """Teach the adapter; goes on where an earlier call with this --out stopped."""
    base = reader_folder(load_settings())
    print(
        train(
            Plan(
                examples,
                None if fresh else start,
                base,
                out,
                name,
                seconds,
                epochs,
                rate,
                tokens,
                layers,
                seed,
            )
        )
    )


@app.command("average")
def average_(
    first: Path,
    second: Path,
    name: Annotated[str, typer.Option(help="The adapter's name; calibrations hold for it alone.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="How much of the second.")] = 0.5,
) -> None:
    """An adapter between two, of which one was trained from the other."""
    average(first, second, share, name, out)


@app.command()
def glosses(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="The file to write.")] = GLOSSES,
) -> None:
    """Make the dictionary by which questions find passages of the other language."""
    print(f"{write_glosses(data, out)} Chinese words")


@app.command()
def figures(
    xquad: XquadOption,
    adapter: Annotated[
        list[Path] | None,
        typer.Option(help="Adapters, side by side; none: the one that ships."),
    ] = None,
    odd: Annotated[bool, typer.Option(help="Odd articles, or even ones, to choose by.")] = True,
    each: Annotated[int, typer.Option(help="Wrong pairs of each kind and group, at most.")] = 150,
    seed: int = 7,
) -> None:
    """AUROC by kind of wrong pair."""
    settings = load_settings()
    found = sample(measuring_examples(xquad, "odd" if odd else "even", seed), each)
    systems = {}
    for path in adapter or [SHIPPED]:
        reader = build_e5_reader(settings, adapter=path)
        name = reader.name.partition(" ")[0]
        systems[path.stem if name in systems else name] = by_kind(found, score(reader, found))
    print(table(systems))


if __name__ == "__main__":
    app()
