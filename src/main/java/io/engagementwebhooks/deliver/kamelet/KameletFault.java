package io.engagementwebhooks.deliver.kamelet;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.ledger.Causes;
import java.util.List;
import java.util.regex.Pattern;

/** A Kamelet failed. The message has the innermost exception, with credentials masked, and there is no cause. */
final class KameletFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int LONGEST = 500;

    /** Exceptions about credentials, by their class. */
    private static final Pattern REFUSING =
            Pattern.compile(".*(Authentication|Authorization|AccessDenied|JMSSecurity|Unauthorized|Forbidden).*");

    /** HTTP statuses, as camel-http and the SDK of AWS write them, and words of databases and mail servers. */
    private static final Pattern REFUSED =
            Pattern.compile("(?i).*(status ?code: 40[13]\\b|authentication failed|access denied).*", Pattern.DOTALL);

    private final boolean lasting;

    /** @param isStart whether the Kamelet did not start, so that nothing was sent */
    KameletFault(String kamelet, Redactor redactor, Throwable failure, boolean isStart) {
        super(text(kamelet, redactor, failure, isStart), null, false, true);
        lasting = isStart || Causes.of(failure).anyMatch(KameletFault::isRefused);
    }

    private static String text(String kamelet, Redactor redactor, Throwable failure, boolean isStart) {
        List<Throwable> causes = Causes.of(failure).toList();
        Throwable innermost = causes.get(causes.size() - 1);
        String said = redactor.redact(String.valueOf(innermost.getMessage())).replaceAll("\\p{Cntrl}+", " ");
        return "Kamelet " + kamelet + (isStart ? " cannot start (" : " failed (")
                + innermost.getClass().getSimpleName() + "): "
                + (said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said);
    }

    private static boolean isRefused(Throwable cause) {
        return REFUSING.matcher(cause.getClass().getSimpleName()).matches()
                || REFUSED.matcher(String.valueOf(cause.getMessage())).matches();
    }

    /** Whether a person must first fix something: a property, a component or a credential. */
    boolean isLasting() {
        return lasting;
    }
}
