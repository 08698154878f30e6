package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.judge.Answer;
import java.util.List;
import java.util.Set;
import org.apache.hc.client5.http.auth.AuthChallenge;
import org.apache.hc.client5.http.auth.ChallengeType;
import org.apache.hc.client5.http.impl.auth.AuthChallengeParser;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.message.ParserCursor;

/**
 * Detects a response that refuses the token: by a status that the webhook lists, or by a challenge
 * {@code invalid_token} with any 4xx status.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6750#section-3">RFC 6750 section 3</a>
 */
final class Refusal {

    private Refusal() {}

    static boolean isOne(Answer answer, Set<Integer> statuses) {
        int status = answer.status();
        return statuses.contains(status) || status >= 400 && status < 500 && isInvalidToken(answer);
    }

    private static boolean isInvalidToken(Answer answer) {
        String header = answer.header("www-authenticate");
        return header != null && challenges(header).stream().anyMatch(Refusal::isInvalidToken);
    }

    private static List<AuthChallenge> challenges(String header) {
        try {
            return AuthChallengeParser.INSTANCE.parse(
                    ChallengeType.TARGET, header, new ParserCursor(0, header.length()));
        } catch (ParseException e) {
            // ignores an invalid header
            return List.of();
        }
    }

    private static boolean isInvalidToken(AuthChallenge challenge) {
        return "Bearer".equalsIgnoreCase(challenge.getSchemeName())
                && challenge.getParams() != null
                && challenge.getParams().stream()
                        .anyMatch(parameter -> "error".equalsIgnoreCase(parameter.getName())
                                && "invalid_token".equals(parameter.getValue()));
    }
}
