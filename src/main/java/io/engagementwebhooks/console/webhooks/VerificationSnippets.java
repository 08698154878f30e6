package io.engagementwebhooks.console.webhooks;

import io.engagementwebhooks.ledger.BundledFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The verification programs of the receivers' guide in the jar. Immutable. */
public final class VerificationSnippets {

    private static final String GUIDE = "/io/engagementwebhooks/docs/receivers.md";
    private static final Pattern SECTION = Pattern.compile("(?m)^## Verify: .*\\((?<scheme>.*)\\)$");
    private static final Pattern BLOCK =
            Pattern.compile("(?ms)^```(?<language>java|js|python|bash)\\n(?<code>.*?)^```$");

    private static final Map<String, String> LANGUAGES =
            Map.of("java", "Java", "js", "Node", "python", "Python", "bash", "curl and openssl");

    private static final Map<String, List<Snippet>> BY_SCHEME = read();

    private VerificationSnippets() {}

    /** A program. @param id its anchor on a page */
    public record Snippet(String id, String language, String code) {}

    private static Map<String, List<Snippet>> read() {
        String guide = BundledFile.text(GUIDE);
        Map<String, List<Snippet>> byScheme = new LinkedHashMap<>();
        Matcher section = SECTION.matcher(guide);
        while (section.find()) {
            String rest = guide.substring(section.end());
            int end = rest.indexOf("\n## ");
            String scheme = section.group("scheme").replace("`", "");
            byScheme.put(
                    scheme,
                    snippets(
                            scheme.replace(' ', '-').toLowerCase(Locale.ROOT),
                            end < 0 ? rest : rest.substring(0, end)));
        }
        return byScheme;
    }

    private static List<Snippet> snippets(String scheme, String section) {
        List<Snippet> snippets = new ArrayList<>();
        Matcher block = BLOCK.matcher(section);
        while (block.find()) {
            String language = block.group("language");
            snippets.add(
                    new Snippet("verify-" + scheme + "-" + language, LANGUAGES.get(language), block.group("code")));
        }
        return snippets;
    }

    /** Of a scheme: v1, v1a or RFC 9421. */
    public static List<Snippet> of(String scheme) {
        return BY_SCHEME.getOrDefault(scheme, List.of());
    }
}
