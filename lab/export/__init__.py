"""What leaves the laboratory: pictures for print, numbers that read back exactly, programs that reproduce a run.

`python -m lab.export` makes any of them, and the films of `lab.animation`, from a shared link. Nothing here knows Streamlit.
"""

from lab.export.images import FIGURES as FIGURES
from lab.export.images import FORMATS as FORMATS
from lab.export.images import NEEDS_CHROME as NEEDS_CHROME
from lab.export.images import NOT_OFFERED as NOT_OFFERED
from lab.export.images import SIDES as SIDES
from lab.export.images import ExportUnavailable as ExportUnavailable
from lab.export.images import Format as Format
from lab.export.images import image as image
from lab.export.images import image_available as image_available
from lab.export.images import offered as offered
from lab.export.images import print_figure as print_figure
from lab.export.images import printed as printed
from lab.export.maps import NoMap as NoMap
from lab.export.maps import atlas_csv as atlas_csv
from lab.export.numbers import columns as columns
from lab.export.numbers import file_name as file_name
from lab.export.numbers import link as link
from lab.export.numbers import trajectories_csv as trajectories_csv
from lab.export.numbers import trajectories_json as trajectories_json
