"""Every sheet of a workbook as pictures, to look at: python docs/render_spreadsheet.py FOLDER [model.xlsx]

Without a workbook it writes one, of matrix factorization on MovieLens small. LibreOffice makes a PDF of it and
pdftoppm the pictures.
"""

import subprocess
import sys
from pathlib import Path

import rowwise as rw
from rowwise.models.words import Row
from rowwise.models.zoo import matrix_factorization


def main(folder: Path, workbook: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    workbook = workbook or written(folder / "model.xlsx")
    profile = (folder / "profile").absolute().as_uri()
    office = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*office, "--outdir", folder, workbook], check=True)
    subprocess.run(["pdftoppm", "-r", "110", "-png", folder / f"{workbook.stem}.pdf", folder / "page"], check=True)
    print(*sorted(map(str, folder.glob("page*.png"))), sep="\n")


def written(path: Path) -> Path:
    data = rw.datasets.movielens_small()
    model = matrix_factorization.replace(
        user=Row("userId", 5, l2=0.05),
        item=Row("movieId", 5, l2=0.05),
        user_bias=Row("userId"),
        item_bias=Row("movieId"),
    )
    fitted = model.fit(data.ratings, optimizer="adam", learning_rate=0.01, epochs=10, validation=0.1)
    return fitted.sheet(path, data=data.ratings, items=data.movies)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
