// Check a message of paygate: node verify.mjs SECRET ID TIMESTAMP SIGNATURE [NOW] < BODY
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

const TOLERANCE_S = 300;

export function verify(secret, id, timestamp, signature, body, now) {
  if (!/^[0-9]+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE_S) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const good = Buffer.from("v1," + createHmac("sha256", key).update(content).digest("base64"));
  return signature.split(" ").some((one) => {
    const given = Buffer.from(one);
    return given.length === good.length && timingSafeEqual(given, good);
  });
}

const [secret, id, timestamp, signature, now = Date.now() / 1000] = process.argv.slice(2);
const good = verify(secret, id, timestamp, signature, readFileSync(0), Number(now));
console.log(good ? "good" : "bad");
process.exit(good ? 0 : 1);
