import os

from flask import Flask, Response

app = Flask(__name__)


@app.get("/")
def greet():
    name = os.environ.get("NAME", "dcdget")
    return Response(f"Hello from Flask, {name}!\n", mimetype="text/plain")
