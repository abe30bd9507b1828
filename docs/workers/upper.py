import hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["SECRET"].encode()

class Task(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        t, v1 = (part.split("=", 1)[1] for part in self.headers["Rowmill-Signature"].split(","))
        wanted = hmac.new(SECRET, t.encode() + b"." + body, hashlib.sha256).hexdigest()
        valid = hmac.compare_digest(wanted, v1) and abs(time.time() - int(t)) < 300
        rows = json.loads(body)["rows"] if valid else []
        updates = [{"key": {"id": row["id"]}, "set": {"name": row["name"].upper()}} for row in rows]
        self.send_response(200 if valid else 403)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"update": updates}).encode())

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Task).serve_forever()
