using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

var secret = Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable("SECRET")!);
var app = WebApplication.Create(args);
app.MapPost("/", async (HttpRequest request) =>
{
    var body = await new StreamReader(request.Body, Encoding.UTF8).ReadToEndAsync();
    var signature = Regex.Match(request.Headers["Rowmill-Signature"].ToString(), "^t=([0-9]{1,11}),v1=([0-9a-f]{64})$");
    var t = signature.Groups[1].Value;
    var wanted = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(t + "." + body));
    if (!signature.Success
        || !CryptographicOperations.FixedTimeEquals(wanted, Convert.FromHexString(signature.Groups[2].Value))
        || Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(t)) > 300)
        return Results.StatusCode(403);
    var update = JsonNode.Parse(body)!["rows"]!.AsArray().Select(row => new JsonObject
    {
        ["key"] = new JsonObject { ["id"] = row!["id"]!.DeepClone() },
        ["set"] = new JsonObject { ["name"] = row["name"]!.GetValue<string>().ToUpperInvariant() },
    });
    return Results.Json(new { update });
});
app.Run("http://127.0.0.1:" + args[0]);
