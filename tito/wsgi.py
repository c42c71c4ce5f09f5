"""What gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

from kit.hot_answers import HotAnswers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tito.settings.production")

application = HotAnswers(get_wsgi_application())
