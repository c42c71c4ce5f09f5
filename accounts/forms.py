"""django-allauth's forms with our labels and hints: a field's name stands above it, where typing does not hide it."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as app
from allauth.mfa.webauthn import forms as passkeys
from django import forms

from accounts.models import User
from accounts.models.users import MOST_NAME

NEW_PASSWORD = "At least 8 characters, and not one that many people use. A few words in a row are good."  # noqa: S105  -- a hint
NEXT_CODE = "Six digits. A recovery code works as well."


class Worded:
    """Mixed into one of allauth's forms: `labels`, `hints`, and `left_out` for what we do not ask."""

    labels: ClassVar[dict[str, str]] = {}
    hints: ClassVar[dict[str, str]] = {}
    left_out: ClassVar[tuple[str, ...]] = ()
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.left_out:
            del self.fields[name]
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.error_messages["required"] = f"{field.label} is missing."


class LogInForm(Worded, account.LoginForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"login": "E-mail address", "password": "Password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignUpForm(Worded, account.SignupForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"email": "E-mail address", "password1": "Password"}
    hints = {"email": "You will log in with it. We send a link to confirm it.", "password1": NEW_PASSWORD}
    field_order = ["full_name", "email", "password1"]

    full_name = forms.CharField(
        label="Full name",
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )


class AddressForm(Worded, account.AddEmailForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"email": "New e-mail address"}
    hints = {"email": "It takes the old one's place once you follow the link that we send there."}


class ChangePasswordForm(Worded, account.ChangePasswordForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"oldpassword": "Your password now", "password1": "New password"}
    hints = {"password1": NEW_PASSWORD}
    left_out = ("password2",)


class SetPasswordForm(Worded, account.SetPasswordForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"password1": "New password"}
    hints = {"password1": NEW_PASSWORD}
    left_out = ("password2",)


class NewPasswordForm(Worded, account.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"password1": "New password"}
    hints = {"password1": NEW_PASSWORD}
    left_out = ("password2",)


class ForgottenForm(Worded, account.ResetPasswordForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"email": "E-mail address"}


class PasswordAgainForm(Worded, account.ReauthenticateForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"password": "Password"}


class CodeForm(Worded, codes.AuthenticateForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"code": "Code from your app"}
    hints = {"code": NEXT_CODE}


class CodeAgainForm(Worded, codes.ReauthenticateForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"code": "Code from your app"}
    hints = {"code": NEXT_CODE}


class ActivateAppForm(Worded, app.ActivateTOTPForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"code": "Code that the app shows"}
    hints = {"code": "Six digits."}


class AddPasskeyForm(Worded, passkeys.AddWebAuthnForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"name": "Name", "passwordless": "Log in with it alone, without a password"}
    hints = {"name": "To tell your passkeys apart: Telephone, Blue key."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(Worded, passkeys.EditWebAuthnForm):  # type: ignore[misc]  # allauth tells no types
    labels = {"name": "Name"}


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What others of the team see of somebody."""

    class Meta:
        model = User
        fields = ["full_name"]
        labels = {"full_name": "Full name"}
        widgets = {"full_name": forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["full_name"].required = True
        self.fields["full_name"].error_messages["required"] = "Full name is missing."
