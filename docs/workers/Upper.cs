using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

var secret = Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable("SECRET")!);
var app = WebApplication.Create(args);
app.MapPost("/", async (HttpRequest request) =>
{
    var body = await new StreamReader(request.Body, Encoding.UTF8).ReadToEndAsync();
    var parts = request.Headers["Rowmill-Signature"].ToString().Split(",");
    var signed = Encoding.UTF8.GetBytes(parts[0]["t=".Length..] + "." + body);
    var wanted = "v1=" + Convert.ToHexString(HMACSHA256.HashData(secret, signed)).ToLowerInvariant();
    if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(wanted), Encoding.UTF8.GetBytes(parts[1])))
        return Results.StatusCode(403);
    var update = JsonNode.Parse(body)!["rows"]!.AsArray().Select(row => new JsonObject
    {
        ["key"] = new JsonObject { ["id"] = row!["id"]!.DeepClone() },
        ["set"] = new JsonObject { ["name"] = row["name"]!.GetValue<string>().ToUpperInvariant() },
    });
    return Results.Json(new { update });
});
app.Run("http://127.0.0.1:" + args[0]);
