"""OIDC issuer on loopback: it signs what it is asked to.

    issuer.py serve FOLDER PORT
    issuer.py token FOLDER [--subject ADDRESS] [--audience TEXT] [--lifetime SECONDS]

Its key is FOLDER/issuer.key, on P-256. Beside discovery and keys it serves /token?audience=TEXT in the form of GitHub Actions.
"""

import argparse
import base64
import hashlib
import http.server
import json
import pathlib
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

SUBJECT = "signer@example.com"


class Issuer:
    def __init__(self, folder):
        self.key = serialization.load_pem_private_key((folder / "issuer.key").read_bytes(), None)
        self.address = (folder / "issuer").read_text()
        point = self.key.public_key().public_numbers()
        self.public = {
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
            "x": text64(point.x.to_bytes(32, "big")), "y": text64(point.y.to_bytes(32, "big")),
        }  # fmt: skip
        self.public["kid"] = hashlib.sha256(self.public["x"].encode()).hexdigest()[:16]

    def token(self, subject=SUBJECT, audience="sigstore", lifetime=600):
        now = int(time.time())
        header = {"alg": "ES256", "typ": "JWT", "kid": self.public["kid"]}
        claims = {
            "iss": self.address, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + lifetime,
            "email": subject, "email_verified": True,
        }  # fmt: skip
        signed = ".".join(text64(json.dumps(part).encode()) for part in (header, claims))
        r, s = utils.decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{text64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def answer(self, path, query):
        """What is served at a path, or None."""
        address = self.address
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": address, "jwks_uri": f"{address}/keys", "token_endpoint": f"{address}/token",
                "authorization_endpoint": f"{address}/authorize", "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"],
            }  # fmt: skip
        if path == "/keys":
            return {"keys": [self.public]}
        if path == "/token":
            return {"value": self.token(audience=query.get("audience", ["sigstore"])[0])}
        return None


def text64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def serve(issuer, port):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            place = urllib.parse.urlsplit(self.path)
            found = issuer.answer(place.path, urllib.parse.parse_qs(place.query))
            body = json.dumps(found).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("serve")
    server.add_argument("folder", type=pathlib.Path)
    server.add_argument("port", type=int)
    token = commands.add_parser("token")
    token.add_argument("folder", type=pathlib.Path)
    token.add_argument("--subject", default=SUBJECT)
    token.add_argument("--audience", default="sigstore")
    token.add_argument("--lifetime", type=int, default=600)
    arguments = parser.parse_args()
    issuer = Issuer(arguments.folder)
    if arguments.command == "serve":
        serve(issuer, arguments.port)
    else:
        print(issuer.token(arguments.subject, arguments.audience, arguments.lifetime), end="")


if __name__ == "__main__":
    main()
