"""Staff's pages over users, organisers and memberships."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.models import Chosen, Invitation, LogEntry, Membership, Organiser, User
from kit.careful_admin import CarefulAdmin, LookedAt

admin.site.site_header = admin.site.site_title = "Tito"
admin.site.index_title = "Staff"

# allauth's own pages would let staff give somebody's account another address, and show what is sealed.
admin.site.unregister([EmailAddress, Authenticator, UserSession])

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """A user's organisers, or an organiser's users."""

    model = Membership
    extra = 0
    fields = ["organiser", "user", "role"]
    raw_id_fields = ["organiser", "user"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("organiser", "user")


@admin.register(User)
class UserAdmin(CarefulAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # not generic at run time
    """People who sign in. Only a superuser gives powers, or changes a superuser."""

    list_display = ["email", "full_name", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "full_name"]
    ordering = ["email"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "full_name", "password"]}),
        ("Powers", {"fields": ["is_active", *POWERS]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "full_name", "usable_password", "password1", "password2"]})]
    inlines = [MembershipInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_superuser(request) else [*fields, *POWERS]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []


@admin.register(Organiser)
class OrganiserAdmin(CarefulAdmin):
    """Accounts that run events."""

    list_display = ["name", "slug", "contact_email", "events_count", "created_at"]
    search_fields = ["name", "slug", "contact_email"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["created_at"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Organiser]":
        organisers: QuerySet[Organiser] = super().get_queryset(request)
        return organisers.annotate(events_count=Count("events"))

    @admin.display(description="events", ordering="events_count")
    def events_count(self, organiser: Any) -> int:
        return int(organiser.events_count)


class ChosenInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """The events that a limited member is let into."""

    model = Chosen
    extra = 0
    raw_id_fields = ["event"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("event", "membership__user", "membership__organiser")


@admin.register(Membership)
class MembershipAdmin(CarefulAdmin):
    """Who may do what for whom."""

    list_display = ["user", "organiser", "role", "is_limited", "created_at"]
    list_filter = ["role", "is_limited"]
    list_select_related = ["user", "organiser"]
    search_fields = ["user__email", "user__full_name", "organiser__name", "organiser__slug"]
    autocomplete_fields = ["user", "organiser"]
    readonly_fields = ["created_at"]
    inlines = [ChosenInline]


@admin.register(LogEntry)
class LogEntryAdmin(LookedAt, CarefulAdmin):
    """What members and the system did."""

    list_display = ["at", "organiser", "event_title", "by", "kind", "said"]
    list_filter = ["kind"]
    list_select_related = ["organiser"]
    search_fields = ["organiser__slug", "event_title", "by", "said"]


@admin.register(Invitation)
class InvitationAdmin(LookedAt, CarefulAdmin):
    """Who is asked to join whom."""

    list_display = ["email", "organiser", "role", "is_limited", "sent_at", "expires_at"]
    list_filter = ["role"]
    list_select_related = ["organiser"]
    search_fields = ["email", "organiser__slug"]
    exclude = ["token_hash"]


@admin.register(Authenticator)
class AuthenticatorAdmin(LookedAt, CarefulAdmin):
    """Second factors. Staff take away what somebody has lost, after a talk that shows who they are."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__full_name"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj) and _may_touch(request, obj and obj.user)

    def get_actions(self, request: HttpRequest) -> Any:
        """One at a time: those of colleagues are among many."""
        return {}


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _may_touch(request: HttpRequest, user: Any) -> bool:
    """Who may change an account can sign in with it, and what takes two members of staff must not be done by one."""
    is_powerful = user is not None and (user.is_superuser or user.is_staff)
    return _is_superuser(request) or not is_powerful or user.pk == request.user.pk
