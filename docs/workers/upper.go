package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
)

func task(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	t, v1, _ := strings.Cut(r.Header.Get("Rowmill-Signature"), ",")
	mac := hmac.New(sha256.New, []byte(os.Getenv("SECRET")))
	mac.Write([]byte(strings.TrimPrefix(t, "t=") + "." + string(body)))
	if !hmac.Equal([]byte("v1="+hex.EncodeToString(mac.Sum(nil))), []byte(v1)) {
		http.Error(w, "not signed by Rowmill", http.StatusForbidden)
		return
	}
	var call struct{ Rows []struct{ ID json.Number; Name string } }
	json.Unmarshal(body, &call)
	update := []any{}
	for _, row := range call.Rows {
		update = append(update, map[string]any{
			"key": map[string]any{"id": row.ID}, "set": map[string]any{"name": strings.ToUpper(row.Name)}})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"update": update})
}

func main() {
	http.HandleFunc("/", task)
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
