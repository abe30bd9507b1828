import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers["rowmill-signature"]) ?? [];
  const wanted = createHmac("sha256", process.env.SECRET).update(t + ".").update(body).digest();
  const valid =
    v1 && timingSafeEqual(wanted, Buffer.from(v1, "hex")) && Math.abs(Date.now() / 1000 - t) < 300;
  const update = (valid ? JSON.parse(body).rows : []).map((row) => ({
    key: { id: row.id }, set: { name: row.name.toUpperCase() } }));
  response.writeHead(valid ? 200 : 403, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ update }));
}).listen(Number(process.argv[2]), "127.0.0.1");
