"""Joins Fulcio's two listeners, for HTTP and for gRPC, to one address, as an ingress does, and puts TLS before services.

    fronts.py CERTIFICATE KEY FRONT...      FRONT is [tls:]PORT=HTTP_PORT[,GRPC_PORT], all on 127.0.0.1

Fulcio's own mode with one port panics in v1.8.8.
"""

import asyncio
import ssl
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def router(http_port, grpc_port):
    async def route(reader, writer):
        try:
            start = await reader.read(1 << 16)
            # HTTP/2, which gRPC is, begins with these letters.
            port = grpc_port if start.startswith(b"PRI") else http_port
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        back_writer.write(start)
        await asyncio.gather(pump(reader, back_writer), pump(back_reader, writer))

    return route


async def main(certificate, key, fronts):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2", "http/1.1"])
    servers = []
    for front in fronts:
        address, backends = front.split("=")
        ports = [int(port) for port in backends.split(",")]
        tls = context if address.startswith("tls:") else None
        port = int(address.removeprefix("tls:"))
        servers.append(await asyncio.start_server(router(ports[0], ports[-1]), "127.0.0.1", port, ssl=tls))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
