package io.engagementwebhooks.deliver.egress;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;

/**
 * Parses heads of answers, and takes none whose end is missing. HttpClient's own parser takes the end of the connection
 * for the end of the headers, so that {@code HTTP/1.1 200 OK} and nothing else would count as delivered; and it skips
 * lines that are not HTTP in search of one that is. A connection on which more has come than the answer is not used again,
 * or the rest would be taken for the answer to the next request, which may be another webhook's.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-9.2">RFC 9112 section 9.2: Associating a Response to a Request</a>
 */
record WholeHeads(Http1Config limits) implements HttpMessageParserFactory<ClassicHttpResponse> {

    /** HTTP/1.1 like any other, but this very object marks an answer. */
    private static final HttpVersion WITH_MORE_BEHIND_IT = new HttpVersion(1, 1);

    @Override
    public HttpMessageParser<ClassicHttpResponse> create() {
        return new Parser(limits);
    }

    @Override
    @Deprecated
    public HttpMessageParser<ClassicHttpResponse> create(Http1Config other) {
        return create();
    }

    /** Whether a connection may be used again after an answer, for all that came with its head. */
    static boolean allIsRead(HttpResponse answer) {
        return answer.getVersion() != WITH_MORE_BEHIND_IT;
    }

    /** One for each connection. */
    private static final class Parser extends DefaultHttpResponseParser {

        private boolean answered;

        Parser(Http1Config limits) {
            super(limits);
        }

        @Override
        public ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream in) throws IOException, HttpException {
            // the request has just been sent, and nothing was read since: this cannot be its answer
            while (answered && buffer.length() > 0) {
                int left = buffer.read(in);
                // old servers end a body with an empty line too many
                if (left != '\r' && left != '\n') {
                    throw new UnaskedAnswerException();
                }
            }
            ClassicHttpResponse head = head(buffer, in);
            answered = head != null && head.getCode() >= HttpStatus.SC_OK;
            if (answered && hasMoreThan(head, buffer.length())) {
                head.setVersion(WITH_MORE_BEHIND_IT);
            }
            return head;
        }

        /** Whether more than the answer has come with it, as far as its head tells the length. */
        private static boolean hasMoreThan(ClassicHttpResponse head, int came) {
            Header length = head.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
            boolean bodiless =
                    head.getCode() == HttpStatus.SC_NO_CONTENT || head.getCode() == HttpStatus.SC_NOT_MODIFIED;
            if (bodiless || length == null || head.containsHeader(HttpHeaders.TRANSFER_ENCODING)) {
                return bodiless && came > 0;
            }
            try {
                return came > Long.parseLong(length.getValue().strip());
            } catch (NumberFormatException e) {
                return false; // refused when the body is read
            }
        }

        private ClassicHttpResponse head(SessionInputBuffer buffer, InputStream in) throws IOException, HttpException {
            Watched watched = new Watched(in);
            ClassicHttpResponse head;
            try {
                head = super.parse(buffer, watched);
            } catch (HttpException e) {
                if (watched.ended) {
                    throw new ConnectionClosedException();
                }
                throw e;
            }
            // null is an end before the first byte, which HttpClient names by itself
            if (head != null && watched.ended) {
                throw new ConnectionClosedException();
            }
            return head;
        }
    }

    /** The parser reads on only while it lacks the end of the head. */
    private static final class Watched extends FilterInputStream {

        private boolean ended;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return noted(super.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return noted(super.read(bytes, offset, length));
        }

        private int noted(int read) {
            ended |= read < 0;
            return read;
        }
    }
}
