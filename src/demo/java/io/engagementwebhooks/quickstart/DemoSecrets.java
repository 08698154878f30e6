package io.engagementwebhooks.quickstart;

import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The secrets of one run; they live as long as it does.
 *
 * @param ingestKey API key that sends
 * @param adminKey API key that does all
 * @param signingSecret {@code whsec_…}
 * @param signingKey {@code whsk_…}
 * @param partnerPassword of the partner's receiver
 * @param callBackPassword of the receiver that fails first
 * @param crmClientSecret of the OAuth client
 * @param salesforceSecret of the connected app
 * @param contentsquareSecret of the integration
 */
record DemoSecrets(
        String ingestKey,
        String adminKey,
        String signingSecret,
        String signingKey,
        String partnerPassword,
        String callBackPassword,
        String crmClientSecret,
        String salesforceSecret,
        String contentsquareSecret) {

    private static final int BYTES = 16;

    static DemoSecrets generate(SecureRandom random) {
        return new DemoSecrets(
                "send_" + hex(random),
                "admin_" + hex(random),
                HmacKey.generate(random).text().reveal(),
                Ed25519Key.generate(random).privateText().reveal(),
                hex(random),
                hex(random),
                // characters that form-encoding changes: RFC 6749 section 2.3.1 wants them encoded in the header
                hex(random) + "+/ %&=",
                hex(random),
                hex(random));
    }

    private static String hex(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public String toString() {
        return "secrets";
    }
}
