"""What can be done with pictures."""

from .renditions import make_renditions as make_renditions
from .sweeping import delete_picture as delete_picture
from .sweeping import erase_objects as erase_objects
from .sweeping import sweep_objects as sweep_objects
from .sweeping import sweep_pictures as sweep_pictures
from .uploads import place_drawings as place_drawings
from .uploads import release_pictures as release_pictures
from .uploads import store_picture as store_picture
from .uploads import take_picture as take_picture
