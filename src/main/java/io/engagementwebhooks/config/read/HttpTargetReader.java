package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Compiled;
import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.UnreadableException;
import io.engagementwebhooks.webhook.HeaderNames;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Reads the target of a webhook that sends HTTP: URL, method, body, headers. */
final class HttpTargetReader {

    private HttpTargetReader() {}

    static Target.Http read(Mapping delivery, Authentication authentication, SigningReader signings) {
        return request(delivery, authentication, () -> canonical(delivery.url("url")), signings::read);
    }

    /** A webhook's own request to the path in {@code party}, with the delivery's body, method and headers. */
    static Target ownRequest(Mapping delivery, Mapping party, SigningReader signings) {
        return new Target.OwnRequest(
                request(delivery, new Authentication.None(), () -> path(party), signings::readForPath));
    }

    /** A webhook's message to another system, with the delivery's body. */
    static Target kamelet(Mapping delivery, Mapping kamelet) {
        String name = kamelet.text("name");
        Map<String, Secret> properties = new LinkedHashMap<>();
        kamelet.mapping("properties")
                .ifPresent(given -> given.present().forEach(each -> properties.put(each, given.secret(each))));
        URI shown = URI.create(Target.Kamelet.DESTINATION + ":" + name);
        return new Target.Kamelet(
                name,
                properties,
                request(delivery, new Authentication.None(), () -> shown, (unsigned, headers) -> Signing.NONE));
    }

    private static URI path(Mapping party) {
        String text = party.text("path");
        if (text.indexOf('{') >= 0) {
            String macro = "'path' holds a macro, which is not replaced there";
            throw party.refused("path", "macro-in-path", macro, "put it into the body");
        }
        try {
            URI path = URI.create(new URI(text.strip()).toASCIIString());
            boolean onlyPath = !path.isAbsolute() && path.getRawAuthority() == null && path.getRawFragment() == null;
            if (onlyPath
                    && path.getRawPath().startsWith("/")
                    && path.normalize().equals(path)) {
                return path;
            }
        } catch (URISyntaxException e) {
            // reported below
        }
        throw party.refused(
                "path",
                "path",
                "'path' is no path",
                "a path of the third party, such as /services/apexrest/calls; the connection gives the host");
    }

    /** @param address read last, since without one nothing else is read */
    private static Target.Http request(
            Mapping delivery,
            Authentication authentication,
            Supplier<URI> address,
            BiFunction<Mapping, Set<String>, Signing> signings) {
        Map<String, Template> headers = headers(delivery);
        Optional<Body> body = body(delivery);
        ApiKeyReader.checkOwnHeaders(delivery, authentication, headers.keySet());
        Signing signing = signings.apply(delivery, headers.keySet());
        ApiKeyReader.checkSigned(delivery, authentication, signing);
        Tls tls = TlsReader.read(delivery, "tls");
        URI url = address.get();
        TlsReader.refuseOverPlainHttp(delivery, url, "a URL");
        return new Target.Http(
                url, delivery.text("method"), body.orElseThrow(UnreadableException::new), headers, signing, tls);
    }

    /**
     * The URL in canonical form, as libraries rebuild it to verify a signature: scheme and host in lower case, without
     * the default port, with a path.
     */
    private static URI canonical(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean ownPort = url.getPort() < 0 || url.getPort() == (scheme.equals("https") ? 443 : 80);
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String host = url.getHost().toLowerCase(Locale.ROOT);
        return URI.create(scheme + "://" + host + (ownPort ? "" : ":" + url.getPort()) + path + query);
    }

    private static Optional<Body> body(Mapping delivery) {
        Compiled compiled = delivery.reading().compiled();
        Body.Format format = delivery.word("format", Body.Format.class);
        if (delivery.has("body")) {
            return delivery.compiled(
                            "body",
                            format == Body.Format.JSON ? compiled::json : compiled::form,
                            "a text with {macros}, such as '{\"call\": \"{cdr_id}\"}'")
                    .map(template -> new Body.Templated(template, format));
        }
        if (delivery.has("bodyJq")) {
            return delivery.compiled("bodyJq", compiled::jq, "a jq program, such as {call: .data.cdr_id}")
                    .map(program -> new Body.Program(program, format));
        }
        Map<String, Template> fields = new LinkedHashMap<>();
        Optional<Mapping> form = delivery.mapping("form");
        form.ifPresent(entries -> entries.present()
                .forEach(name -> entries.compiled(name, compiled::text, "a text with {macros}")
                        .ifPresent(template -> fields.put(name, template))));
        return Optional.of(form.isPresent() ? new Body.Form(fields) : new Body.WholeEvent());
    }

    private static Map<String, Template> headers(Mapping delivery) {
        Map<String, Template> headers = new LinkedHashMap<>();
        delivery.mapping("headers").ifPresent(entries -> {
            Set<String> seen = new HashSet<>();
            for (String name : entries.present()) {
                Optional<String[]> refusal = HeaderNames.refusalOf(name, seen);
                if (refusal.isPresent()) {
                    String[] why = refusal.get();
                    entries.fault(name, "header", "header '" + Shown.of(name) + "' " + why[0], why[1]);
                } else {
                    entries.compiled(
                                    name,
                                    text -> entries.reading().compiled().header(name, text),
                                    "a text with {macros}, without control characters")
                            .ifPresent(template -> headers.put(name, template));
                }
            }
        });
        return headers;
    }
}
