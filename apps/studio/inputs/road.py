"""Pictures of a road, given as other pictures are."""

from apps.studio.inputs.image import choose as choose
from apps.studio.inputs.image import name_of as name_of
from apps.studio.inputs.image import preview as preview
from apps.studio.inputs.image import show as show
from apps.studio.inputs.image import shown as shown
