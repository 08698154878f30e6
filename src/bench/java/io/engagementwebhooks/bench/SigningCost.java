package io.engagementwebhooks.bench;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.SigningKey.Scheme;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.signing.Signing.Form;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/** How long it takes to build a request, unsigned and signed; and the cost of the JDK's Ed25519. */
final class SigningCost {

    private static final int ROUNDS = 7;
    private static final long ROUND_NANOS = 400_000_000L;

    private static long kept;

    private SigningCost() {}

    public static void main(String[] arguments) throws Exception {
        SecureRandom random = new SecureRandom();
        Secret secret = HmacKey.generate(random).text();
        Secret pair = Ed25519Key.generate(random).privateText();
        SigningKey v1 = new SigningKey("k1", Scheme.V1, secret);
        SigningKey v1a = new SigningKey("k2", Scheme.V1A, pair);
        double unsigned = building("unsigned", 0, Form.NONE, v1);
        building("standard, v1", unsigned, Form.STANDARD, v1);
        building("standard, v1a", unsigned, Form.STANDARD, v1a);
        building("standard, v1 and v1a", unsigned, Form.STANDARD, v1, v1a);
        building("rfc9421, hmac-sha256", unsigned, Form.RFC9421, v1);
        building("rfc9421, ed25519", unsigned, Form.RFC9421, v1a);
        building("both, v1 and v1a", unsigned, Form.BOTH, v1, v1a);
        print("reading a v1 key", 0, microseconds(() -> new SigningKey("k1", Scheme.V1, secret).hashCode()));
        print("reading a v1a key", 0, microseconds(() -> new SigningKey("k2", Scheme.V1A, pair).hashCode()));
        jdk();
        System.out.println("(" + kept % 10 + ")");
    }

    private static double building(String name, double unsigned, Form form, SigningKey... keys) throws Exception {
        Delivery delivery = new SampleDelivery(URI.create("https://crm.example.com/hooks"))
                .signed(new Signing(form, List.of(keys)))
                .delivery();
        RequestBuilding building = new RequestBuilding(Clock.systemUTC(), AttemptTracing.PROPAGATE_ONLY);
        DefaultCamelContext camel = new DefaultCamelContext();
        return print(name, unsigned, microseconds(() -> {
            Exchange exchange = new DefaultExchange(camel);
            exchange.getIn().setBody(delivery);
            building.process(exchange);
            return exchange.getIn().getBody().hashCode();
        }));
    }

    private static void jdk() throws Exception {
        PrivateKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
        byte[] content = new byte[300];
        print("the JDK's Ed25519 alone", 0, microseconds(() -> {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(content);
            return signature.sign()[0];
        }));
        Ed25519Key ours = Ed25519Key.generate(new SecureRandom());
        print("Bouncy Castle's alone", 0, microseconds(() -> (int) ours.sign(content)[0]));
    }

    private interface Work {
        int run() throws GeneralSecurityException;
    }

    /** The median of some rounds, after two to warm up. */
    private static double microseconds(Work work) throws GeneralSecurityException {
        double[] rounds = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long count = 0;
            while (System.nanoTime() - start < ROUND_NANOS) {
                kept += work.run();
                count++;
            }
            if (round >= 0) {
                rounds[round] = (System.nanoTime() - start) / 1000.0 / count;
            }
        }
        Arrays.sort(rounds);
        return rounds[ROUNDS / 2];
    }

    private static double print(String name, double unsigned, double microseconds) {
        System.out.printf(
                "%-28s %8.2f us%s%n",
                name, microseconds, unsigned == 0 ? "" : String.format("   adds %.2f", microseconds - unsigned));
        return microseconds;
    }
}
