"""Mail owed to buyers: sent, waiting or failed."""

from django.contrib import admin

from checkout.admin.kept import KeptAdmin
from checkout.models import Mail


@admin.register(Mail)
class MailAdmin(KeptAdmin):
    """The outbox."""

    list_display = ["kind", "to", "order", "created_at", "sent_at", "failed_at", "attempts", "last_error"]
    list_filter = ["kind", ("sent_at", admin.EmptyFieldListFilter), ("failed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["order"]
    search_fields = ["to", "order__reference"]
    fields = [
        "order", "kind", "to", "created_at", "next_attempt_at", "attempts", "sent_at", "failed_at", "last_error",
    ]  # fmt: skip
