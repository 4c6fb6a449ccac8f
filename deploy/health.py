"""Asks the server of this container whether it is well; the exit status is 1 where it is not."""

import os
import sys
import urllib.request

url = f"http://127.0.0.1:{os.environ.get('PORT', '8501')}/health"  # not below a path
try:
    urllib.request.urlopen(url, timeout=8).close()
except OSError as error:
    sys.exit(f"{url}: {error}")
