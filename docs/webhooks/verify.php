<?php
// Check a message of paygate: php verify.php SECRET ID TIMESTAMP SIGNATURE [NOW] < BODY

const TOLERANCE_S = 300;

function verify(string $secret, string $id, string $timestamp, string $signature, string $body, float $now): bool
{
    if (!ctype_digit($timestamp) || abs($now - (int) $timestamp) > TOLERANCE_S) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    $good = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signature) as $one) {
        if (hash_equals($good, $one)) {
            return true;
        }
    }
    return false;
}

[, $secret, $id, $timestamp, $signature] = $argv;
$good = verify($secret, $id, $timestamp, $signature, stream_get_contents(STDIN), (float) ($argv[5] ?? microtime(true)));
echo $good ? "good\n" : "bad\n";
exit($good ? 0 : 1);
