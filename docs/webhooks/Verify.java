// Check a message of paygate: java Verify.java SECRET ID TIMESTAMP SIGNATURE [NOW] < BODY
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
    static final int TOLERANCE_S = 300;

    static boolean verify(String secret, String id, String timestamp, String signature, byte[] body, double now)
            throws Exception {
        if (!timestamp.matches("[0-9]{1,15}") || Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_S) {
            return false;
        }
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] good = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)))
                .getBytes(StandardCharsets.UTF_8);
        for (String one : signature.split(" ")) {
            if (MessageDigest.isEqual(good, one.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    public static void main(String[] given) throws Exception {
        byte[] body = System.in.readAllBytes();
        double now = given.length > 4 ? Double.parseDouble(given[4]) : System.currentTimeMillis() / 1000.0;
        boolean good = verify(given[0], given[1], given[2], given[3], body, now);
        System.out.println(good ? "good" : "bad");
        System.exit(good ? 0 : 1);
    }
}
