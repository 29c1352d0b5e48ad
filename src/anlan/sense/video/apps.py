from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideoConfig(AppConfig):
    name = "anlan.sense.video"
    label = "video"
    verbose_name = _("视频")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises

        for model in ("Platform", "Camera", "VideoEvent"):
            enterprises.belongs(f"video.{model}", shown=model == "Camera")
