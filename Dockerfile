# Tito's image. The site, the worker and every command run from it; which one is the command's choice.

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements/base.txt /base.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes \
    --requirement /base.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=packages /venv /venv
WORKDIR /tito
COPY . .
# Collecting needs no database and no secret, so development's settings do; all that they leave are files.
RUN DJANGO_SETTINGS_MODULE=tito.settings.development python manage.py collectstatic --noinput \
    && python -m compileall -q .
ENV DJANGO_SETTINGS_MODULE=tito.settings.production
# Nobody's account: it owns nothing here, so what runs cannot change what it runs.
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "tito.wsgi:application", "-c", "tito/gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
