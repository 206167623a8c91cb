import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * DynamoDB Local listens on every address, and no option of its own changes that. This starts it on
 * a free port of 127.0.0.1, prints the port, and ends when its standard input does: with the test.
 */
public final class LoopbackServer {
  public static void main(String[] arguments) throws Exception {
    DynamoDBProxyServer local =
        ServerRunner.createServerFromCommandLineArgs(new String[] {"-inMemory", "-disableTelemetry"});
    var field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    Server server = (Server) field.get(local);
    ServerConnector listener = null;
    for (Connector connector : server.getConnectors()) {
      listener = (ServerConnector) connector;
      listener.setHost("127.0.0.1");
      listener.setPort(0);
    }
    local.start();
    System.out.println("listening on " + listener.getLocalPort());
    while (System.in.read() != -1) {}
    System.exit(0);
  }
}
