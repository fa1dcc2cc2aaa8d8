# docs/deploy.md says how to build and run this.
FROM python:3.11-slim

RUN useradd --system --uid 10001 --create-home --shell /usr/sbin/nologin convscope \
    && install --directory --owner convscope /home/convscope/.cache

WORKDIR /srv/convscope
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

# The files belong to root: the app can't change itself.
COPY streamlit_app.py LICENSE ./
COPY .streamlit .streamlit
COPY explain explain
COPY model_zoo model_zoo
COPY components components
COPY presets presets
COPY locales locales
COPY pages pages
RUN python -m compileall -q .

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TF_CPP_MIN_LOG_LEVEL=3
USER 10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "streamlit_app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
