from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "anlan.sense.devices"
    label = "devices"
    verbose_name = _("设备")

    def ready(self) -> None:
        from anlan.ground.enterprises import door as enterprises
        from anlan.sense.devices import rules

        enterprises.belongs("devices.DeviceCredential", shown=False)
        # A device sends under its own code: another one would cut it off.
        enterprises.belongs("devices.Device", enterprises.Refuse("code", rules.SAME_CODE_TWICE), alike=("code",))
        for model in ("Sensor", "DeviceAddress", "Calibration", "MaintenanceWindow"):
            enterprises.belongs(f"devices.{model}", shown=model == "Sensor")
