"""An OpenID Connect provider on this machine, in a process of its own: `python -m ... PORT`.

oidc-provider-mock, with PKCE (RFC 7636, S256), which it lacks: a code is exchanged only by whoever
began the login.
"""

import base64
import hashlib
import sys
from typing import Any

PEOPLE: dict[str, dict[str, object]] = {
    "anna": {"name": "Anna Lind", "email": "anna@lab.example", "email_verified": True},
    "boris": {"name": "Boris", "email": "boris@lab.example", "email_verified": False},
    "chen": {"name": "Chen", "email": "chen@elsewhere.example", "email_verified": True},
}


def serve(port: int) -> None:
    """Run the provider, which refuses an exchange without the verifier of its challenge."""
    import flask
    import oidc_provider_mock
    from werkzeug.serving import make_server

    users = [oidc_provider_mock.User(sub=sub, claims=held) for sub, held in PEOPLE.items()]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=users)
    challenges: dict[str, str] = {}

    def note(response: Any) -> Any:
        if flask.request.path.endswith("/openid-configuration"):
            held = response.get_json() | {"code_challenge_methods_supported": ["S256"]}
            response.set_data(flask.json.dumps(held))
        if flask.request.path == "/oauth2/authorize" and response.location:
            code = response.location.partition("code=")[2].partition("&")[0]
            challenges[code] = flask.request.args.get("code_challenge", "")
        return response

    def check() -> Any:
        if flask.request.path != "/oauth2/token":
            return None
        verifier = flask.request.form.get("code_verifier", "")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        expected = challenges.pop(flask.request.form.get("code", ""), None)
        if expected != digest.decode().rstrip("="):
            return flask.jsonify(error="invalid_grant"), 400
        return None

    app.after_request(note)
    app.before_request(check)
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
