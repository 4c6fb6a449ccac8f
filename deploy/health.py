"""Asks the server of this container whether it is well; the exit status is 1 where it is not."""

import os
import sys
import urllib.request

port = os.environ.get("PORT", "8501")
path = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
url = f"http://127.0.0.1:{port}/{path + '/' if path else ''}health"
try:
    urllib.request.urlopen(url, timeout=8).close()
except OSError as error:
    sys.exit(f"{url}: {error}")
