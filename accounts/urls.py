"""Addresses for coming in and going out, and for one's own account."""

from allauth.account import views
from django.urls import include, path, re_path

from accounts.views import entrance, invitations, overview

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", entrance.LogOutView.as_view(), name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path(
        "accounts/",
        include(
            [
                path("", overview.account, name="account"),
                path("inactive/", views.account_inactive, name="account_inactive"),
                path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
                path("email/", views.email, name="account_email"),
                path(
                    "confirm-email/",
                    entrance.ConfirmationSentView.as_view(),
                    name="account_email_verification_sent",
                ),
                re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.confirm_email, name="account_confirm_email"),
                path("password/change/", views.password_change, name="account_change_password"),
                path("password/set/", views.password_set, name="account_set_password"),
                path("password/reset/", views.password_reset, name="account_reset_password"),
                path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
                re_path(
                    r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
                    views.password_reset_from_key,
                    name="account_reset_password_from_key",
                ),
                path(
                    "password/reset/key/done/",
                    views.password_reset_from_key_done,
                    name="account_reset_password_from_key_done",
                ),
                path("invitations/<str:token>/", invitations.invitation, name="invitation"),
                path("2fa/", include("allauth.mfa.urls")),
                path("sessions/", include("allauth.usersessions.urls")),
            ]
        ),
    ),
]
