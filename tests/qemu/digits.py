"""Reads the six digits of an enrolment off a picture of a panel, as a person would (firmware/terminal/digits.cpp)."""

from dataclasses import dataclass

from tests.qemu.picture import Picture

# Which strokes of a digit are white: top, right upper, right lower, bottom, left lower, left upper, middle.
# A 1 is one stroke in the middle with a flag and a foot.
STROKES = {"1111110": "0", "1001001": "1", "1101101": "2", "1111001": "3", "0110011": "4",
           "1011011": "5", "1011111": "6", "1110000": "7", "1111111": "8", "1111011": "9"}
WHITE = 128  # of 255


@dataclass(frozen=True)
class Box:
    """In pixels of the panel."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True)
class Layout:
    """`number_layout()` of the firmware."""

    digits: list[Box]
    stroke: int
    different: Box
    same: Box


def layout(width: int, height: int) -> Layout:
    margin = max(min(width, height) // 24, 2)
    area_width = (width - 3 * margin) // 2
    area_height = min(height * 3 // 10, max(area_width * 6 // 10, 48))
    area_top = height - margin - area_height
    tall, space, group_space = 180, 30, 95  # hundredths of a digit's width
    whole = 600 + 4 * space + group_space
    room = area_top - 2 * margin
    digit = min((width - 2 * margin) * 100 // whole, room * 100 // tall)
    digit_height = digit * tall // 100
    x, y = (width - digit * whole // 100) // 2, margin + (room - digit_height) // 2
    boxes = []
    for i in range(6):
        boxes.append(Box(x, y, digit, digit_height))
        x += digit + digit * (group_space if i == 2 else space) // 100
    return Layout(boxes, max(digit * 22 // 100, 2), Box(margin, area_top, area_width, area_height),
                  Box(width - margin - area_width, area_top, area_width, area_height))


def read(picture: Picture) -> str | None:
    """The six digits; None when the picture shows something else."""
    shown = layout(picture.width, picture.height)
    digits = [STROKES.get(_strokes(picture, box, shown.stroke)) for box in shown.digits]
    return "".join(digits) if all(digits) else None


def _strokes(picture: Picture, box: Box, stroke: int) -> str:
    left, right = box.x + stroke // 2, box.x + box.width - 1 - stroke // 2
    top, bottom = box.y + stroke // 2, box.y + box.height - 1 - stroke // 2
    centre, middle = (left + right) // 2, (top + bottom) // 2
    upper, lower = (top + middle) // 2, (middle + bottom) // 2
    places = [(centre, top), (right, upper), (right, lower), (centre, bottom), (left, lower), (left, upper),
              (centre, middle)]
    return "".join("1" if picture.rows[y][3 * x + 1] >= WHITE else "0" for x, y in places)
